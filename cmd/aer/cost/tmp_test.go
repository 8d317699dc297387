package cost
import ("testing";"fmt";"github.com/aer-project/aer/pipelines/capacity")
func TestTmp(t *testing.T){
 m:=capacity.DefaultMeasured(); p:=DefaultPrices()
 l:=capacity.Load{10e9,47e6,350e3}
 n,r:=BillFor(l,Naive(),p,m),BillFor(l,Recommended(47e6),p,m)
 for i,x:=range n.Items{ fmt.Printf("%-10s %-30s %-10s %10.5f %15.1f %12.0f %15.1f %12.0f\n",x.Group,x.Name,x.Unit,x.Price,x.Quantity,x.USD,r.Items[i].Quantity,r.Items[i].USD)}
 fmt.Println(n.USD,n.PerBillion,r.USD,r.PerBillion)
 fmt.Printf("%+v\n%+v\n",n.Event,r.Event)
}
