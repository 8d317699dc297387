package capacity
import ("testing";"fmt")
func TestTmp(t *testing.T){
 m:=DefaultMeasured()
 l:=Load{10e9,47e6,350e3}
 for _,x:=range PlanFor(l,LayoutFor(47e6),m).Lines(m){ fmt.Printf("%-50s %-25s %s\n",x.What,x.Value,x.How)}
}
